"""Valid objects of the image classes for which there is no real file: small, complete, and known to the last pixel."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ImageCms
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from tests.samples import AXIAL, PREFIX, item

if TYPE_CHECKING:
    from collections.abc import Callable

RAMP = np.arange(12, dtype=np.uint16).reshape(3, 4)
GREY = np.stack([RAMP * 80, RAMP * 80 + 7])
"""Two frames of 3 x 4, of 10 bits."""
COLORS = np.stack([RAMP * 20, 255 - RAMP * 20, RAMP], axis=2).astype(np.uint8)


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item of a code sequence."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def base(sop_class: str, modality: str, **more: Any) -> Dataset:
    """Return patient, study, series and equipment of an object."""
    ds = item(
        SOPClassUID=PREFIX + sop_class,
        SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(),
        SeriesInstanceUID=generate_uid(),
        PatientName="Made^Up",
        PatientID="MADE-1",
        PatientBirthDate="19700101",
        PatientSex="F",
        StudyDate="20240131",
        StudyTime="101500",
        StudyID="1",
        AccessionNumber="A1",
        ReferringPhysicianName="",
        SeriesNumber=1,
        SeriesDate="20240131",
        SeriesTime="101600",
        InstanceNumber=1,
        Modality=modality,
        Manufacturer="dicom_widgets",
        ManufacturerModelName="tests",
        DeviceSerialNumber="1",
        SoftwareVersions="1",
        ContentDate="20240131",
        ContentTime="101700",
        AcquisitionDateTime="20240131101700",
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        **more,
    )
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds


def pixels(ds: Dataset, array: np.ndarray, *, bits: int = 10, color: bool = False) -> Dataset:
    """Put the pixels in: grey of 16 bits, or colours of 8."""
    frames, size = (array.shape[0], array.shape[1:3]) if array.ndim == (4 if color else 3) else (0, array.shape[:2])
    ds.Rows, ds.Columns = size
    if frames:
        ds.NumberOfFrames = frames
    ds.SamplesPerPixel = 3 if color else 1
    ds.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    if color:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated, ds.BitsStored = (8, 8) if color else (16, bits)
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, 0
    data = array.astype("u1" if color else "<u2").tobytes()
    ds.add_new("PixelData", "OB" if color else "OW", data + b"\0" * (len(data) % 2))
    return ds


def intra_oral() -> Dataset:
    """Return a Digital Intra-Oral X-Ray Image - For Presentation: a frame of GREY, tooth 11."""
    ds = base(
        "1.3",
        "IO",
        ImageType=["ORIGINAL", "PRIMARY", ""],
        PresentationIntentType="FOR PRESENTATION",
        ImageLaterality="R",
        PatientOrientation=["L", "F"],
        PresentationLUTShape="IDENTITY",
        PixelIntensityRelationship="LOG",
        PixelIntensityRelationshipSign=-1,
        RescaleIntercept="0",
        RescaleSlope="1",
        RescaleType="US",
        WindowCenter="511.5",
        WindowWidth="1023",
        ImagerPixelSpacing=["0.05", "0.05"],
        DetectorType="DIRECT",
        AnatomicRegionSequence=[code("T-D1217", "SRT", "Maxilla")],
        PrimaryAnatomicStructureSequence=[code("T-54210", "SRT", "Maxillary right central incisor tooth")],
        PositionerType="NONE",
    )
    ds.add_new("AcquisitionContextSequence", "SQ", [])
    return pixels(ds, GREY[0])


def mammogram(
    side: str = "R", view: str = "CC", stored: np.ndarray = GREY[0], *, modifier: Dataset | None = None, **more: Any
) -> Dataset:
    """Return a Digital Mammography X-Ray Image - For Presentation: a view of one breast, of 10 bits."""
    views = {"CC": ("R-10242", "cranio-caudal"), "MLO": ("R-10226", "medio-lateral oblique")}
    across = {"R": "P", "L": "A"}[side]
    own = {
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "PresentationIntentType": "FOR PRESENTATION",
        "PatientOrientation": [across, {"CC": {"R": "L", "L": "R"}[side], "MLO": "F"}[view]],
        "ImageLaterality": side,
        "ViewPosition": view,
        "OrganExposed": "BREAST",
        "BreastImplantPresent": "NO",
        "PartialView": "NO",
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": 1,
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "US",
        "PresentationLUTShape": "IDENTITY",
        "WindowCenter": "512",
        "WindowWidth": "1024",
        "DetectorType": "SCINTILLATOR",
        "ImagerPixelSpacing": [0.1, 0.1],
        "PositionerType": "MAMMOGRAPHIC",
        "PositionerPrimaryAngle": "0",
        "PositionerSecondaryAngle": "0",
        "BodyPartThickness": "50",
        "CompressionForce": "80",
        "KVP": "28",
        "PatientAge": "054Y",
    }
    ds = base("1.2", "MG", **(own | more))
    ds.ViewCodeSequence = [code(views[view][0], "SRT", views[view][1])]
    ds.ViewCodeSequence[0].add_new("ViewModifierCodeSequence", "SQ", [modifier] if modifier else [])
    ds.AnatomicRegionSequence = [code("T-04000", "SRT", "Breast")]
    ds.add_new("AcquisitionContextSequence", "SQ", [])
    return pixels(ds, stored)


def photographic(sop_class: str = "77.1.4", modality: str = "XC") -> Dataset:
    """Return a VL Photographic Image: COLORS."""
    ds = base(sop_class, modality, ImageType=["ORIGINAL", "PRIMARY"], PatientOrientation=["L", "F"])
    ds.AnatomicRegionSequence = [code("T-D1100", "SRT", "Head")]
    ds.add_new("AcquisitionContextSequence", "SQ", [])
    return pixels(ds, COLORS, color=True)


def endoscopic() -> Dataset:
    """Return a VL Endoscopic Image: COLORS."""
    return photographic("77.1.1", "ES")


def true_color() -> Dataset:
    """Return a Multi-frame True Color Secondary Capture: COLORS, then inverted."""
    ds = base(
        "7.4",
        "OT",
        ConversionType="WSD",
        ImageType=["DERIVED", "SECONDARY"],
        FrameIncrementPointer=0x00181063,
        FrameTime="40",
        DateOfSecondaryCapture="20240131",
        TimeOfSecondaryCapture="101700",
    )
    ds.Laterality = ds.PatientOrientation = ""
    return pixels(ds, np.stack([COLORS, 255 - COLORS]), color=True)


def enhanced(sop_class: str, modality: str, frames: list[Dataset], shared: Dataset, **more: Any) -> Dataset:
    """Return a multi-frame object of GREY with functional groups and one dimension: the position of the frame."""
    organization = generate_uid()
    for n, frame in enumerate(frames, 1):
        frame.FrameContentSequence = [
            item(
                FrameAcquisitionDateTime="20240131101700",
                FrameReferenceDateTime="20240131101700",
                FrameAcquisitionDuration=10.0,
                DimensionIndexValues=[3 - n],
                StackID="1",
                InStackPositionNumber=3 - n,
            )
        ]
    own = {
        "SharedFunctionalGroupsSequence": [shared],
        "PerFrameFunctionalGroupsSequence": frames,
        "DimensionOrganizationSequence": [item(DimensionOrganizationUID=organization)],
        "DimensionIndexSequence": [
            item(
                DimensionOrganizationUID=organization,
                DimensionIndexPointer=0x00209057,
                FunctionalGroupPointer=0x00209111,
                DimensionDescriptionLabel="In-Stack Position",
            )
        ],
        "VolumetricProperties": "VOLUME",
        "VolumeBasedCalculationTechnique": "NONE",
        "PresentationLUTShape": "IDENTITY",
        "ContentQualification": "PRODUCT",
        "SynchronizationFrameOfReferenceUID": generate_uid(),
        "AcquisitionTimeSynchronized": "N",
        "SynchronizationTrigger": "NO TRIGGER",
    }
    ds = base(sop_class, modality, **(own | more))
    ds.add_new("AcquisitionContextSequence", "SQ", [])
    return pixels(ds, GREY)


def _view() -> Dataset:
    view = code("R-10242", "SRT", "cranio-caudal")
    view.add_new("ViewModifierCodeSequence", "SQ", [])
    return view


def tomosynthesis() -> Dataset:
    """Return a Breast Tomosynthesis: the first frame lies above the second, windows 400/800 and 200/100."""
    frames = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=[0, 0, z])],
            FrameVOILUTSequence=[item(WindowCenter=c, WindowWidth=w)],
            XRay3DFrameTypeSequence=[
                item(
                    FrameType=["ORIGINAL", "PRIMARY", "TOMOSYNTHESIS", "NONE"],
                    PixelPresentation="MONOCHROME",
                    VolumetricProperties="VOLUME",
                    VolumeBasedCalculationTechnique="TOMOSYNTHESIS",
                )
            ],
        )
        for z, c, w in ((5, "400", "800"), (0, "200", "100"))
    ]
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=["0.1", "0.1"], SliceThickness="1")],
        PlaneOrientationSequence=[item(ImageOrientationPatient=AXIAL)],
        FrameAnatomySequence=[item(FrameLaterality="R", AnatomicRegionSequence=[code("T-04000", "SRT", "Breast")])],
        PixelValueTransformationSequence=[item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")],
    )
    return enhanced(
        "13.1.3",
        "MG",
        frames,
        shared,
        FrameOfReferenceUID=generate_uid(),
        PositionReferenceIndicator="",
        ImageType=["ORIGINAL", "PRIMARY", "TOMOSYNTHESIS", "NONE"],
        PixelPresentation="MONOCHROME",
        VolumeBasedCalculationTechnique="TOMOSYNTHESIS",
        PresentationIntentType="FOR PRESENTATION",
        ImageLaterality="R",
        BreastImplantPresent="NO",
        PartialView="NO",
        ViewCodeSequence=[_view()],
    )


def ivoct() -> Dataset:
    """Return an Intravascular OCT - For Presentation: two frames, the second one first."""
    frames = [
        item(
            FrameVOILUTSequence=[item(WindowCenter="500", WindowWidth="1000")],
            IntravascularFrameContentSequence=[item()],
            IntravascularOCTFrameTypeSequence=[item(FrameType=["ORIGINAL", "PRIMARY", "NONE", "NONE"])],
        )
        for _ in range(2)
    ]
    for frame in frames:
        frame.IntravascularFrameContentSequence[0].SeamLineLocation = None
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=["0.01", "0.01"], SliceThickness="0.2")],
        FrameAnatomySequence=[
            item(FrameLaterality="U", AnatomicRegionSequence=[code("T-43000", "SRT", "Coronary artery")])
        ],
        PixelValueTransformationSequence=[item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")],
    )
    ds = enhanced(
        "14.1",
        "IVOCT",
        frames,
        shared,
        FrameOfReferenceUID=generate_uid(),
        PositionReferenceIndicator="",
        ImageType=["ORIGINAL", "PRIMARY", "NONE", "NONE"],
        PresentationIntentType="FOR PRESENTATION",
        PixelPresentation="MONOCHROME",
        AcquisitionDuration=1.0,
        AcquisitionNumber=1,
        RecognizableVisualFeatures="NO",
        InterpolationType="BILINEAR",
        OCTFocalDistance=1.0,
        BeamSpotSize=1.0,
        OCTAcquisitionDomain="TIME_DOMAIN",
        OCTOpticalCenterWavelength=1.3,
        AxialResolution=10.0,
        RangingDepth=5.0,
        ALineRate=1000.0,
        ALinesPerFrame=100,
        IVUSAcquisition="SELECTIVE",
        VolumetricProperties="DISTORTED",
    )
    ds.add_new("ModeOfPercutaneousAccessSequence", "SQ", [])
    ds.ContrastBolusAgentSequence = [_contrast()]
    ds.BitsStored, ds.HighBit = 16, 15
    return ds


def _contrast() -> Dataset:
    agent = code("C-17800", "SRT", "Oxygen")
    agent.ContrastBolusAgentNumber = 1
    agent.ContrastBolusAdministrationRouteSequence = [code("G-D101", "SRT", "Intravenous route")]
    agent.ContrastBolusIngredientCodeSequence = [code("C-B0300", "SRT", "Iodine")]
    agent.ContrastBolusVolume = 1.0
    agent.ContrastBolusIngredientConcentration = 1.0
    return agent


def volume() -> Dataset:
    """Return an Enhanced US Volume: two planes, the first one behind the second."""
    frames = [item(PlanePositionVolumeSequence=[item(ImagePositionVolume=[0.0, 0.0, z])]) for z in (2.0, 0.0)]
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=["0.5", "0.5"], SliceThickness="2")],
        PlaneOrientationVolumeSequence=[item(ImageOrientationVolume=[1.0, 0, 0, 0, 1.0, 0])],
        FrameVOILUTSequence=[item(WindowCenter="32767.5", WindowWidth="65535")],
        ImageDataTypeSequence=[item(DataType="TISSUE_INTENSITY", AliasedDataType="NO")],
        USImageDescriptionSequence=[
            item(
                FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
                VolumetricProperties="VOLUME",
                VolumeBasedCalculationTechnique="NONE",
            )
        ],
    )
    ds = enhanced(
        "6.2",
        "US",
        frames,
        shared,
        FrameOfReferenceUID=generate_uid(),
        PositionReferenceIndicator="",
        VolumeFrameOfReferenceUID=generate_uid(),
        VolumeToTransducerMappingMatrix=np.eye(4).reshape(-1).tolist(),
        UltrasoundAcquisitionGeometry="APEX",
        ApexPosition=[0.0, 0.0, 0.0],
        ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        PositionMeasuringDeviceUsed="RIGID",
        PatientOrientation="",
        DimensionOrganizationType="3D",
        AcquisitionDuration=1.0,
        RescaleIntercept="0",
        RescaleSlope="1",
        ViewCodeSequence=[_view()],
        AnatomicRegionSequence=[code("T-32000", "SRT", "Heart")],
        TransducerScanPatternCodeSequence=[code("125241", "DCM", "Volume scan pattern")],
        TransducerGeometryCodeSequence=[code("125252", "DCM", "Linear ultrasound transducer geometry")],
        TransducerBeamSteeringCodeSequence=[code("125258", "DCM", "Phased beam steering")],
        TransducerApplicationCodeSequence=[code("125261", "DCM", "External Transducer")],
        MechanicalIndex=1.0,
        BoneThermalIndex=1.0,
        CranialThermalIndex=1.0,
        SoftTissueThermalIndex=1.0,
        DepthsOfFocus=10.0,
        DepthOfScanField=100,
    )
    ds.PixelData = (GREY * 64).astype("<u2").tobytes()
    ds.BitsStored, ds.HighBit = 16, 15
    return ds


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
FLOWS = ("TISSUE_INTENSITY", "FLOW_VELOCITY", "FLOW_VARIANCE")


def flow(*paths: tuple[str, int | None], first: Dataset, second: Dataset, tables: list[Dataset]) -> Dataset:
    """Return an Enhanced US Volume of 8 bits with two planes of each data type, and how they are blended.

    Parameters
    ----------
    *paths : (Data Path Assignment, Bits Mapped to Color Lookup Table)
        Of tissue, velocity and variance: in the first plane they are 0, 51, 102, ..., and 0, 32, 64, ..., and 255, 224,
        192, ...; the second one has them backwards. Frames lie type by type.
    first, second : Dataset
        Item of Blending LUT 1 and 2 Sequence.
    tables : list of Dataset
        Items of the Enhanced Palette Color Lookup Table Sequence.

    """
    ds, types = volume(), FLOWS[: len(paths)]
    grids = np.array([[0, 51, 102, 153, 204, 255], [0, 32, 64, 96, 128, 160], [255, 224, 192, 160, 128, 96]], np.uint8)
    frames = []
    for t, kind in enumerate(types, 1):
        for n, z in ((1, 0.0), (2, 2.0)):
            frame = copy.deepcopy(ds.PerFrameFunctionalGroupsSequence[0])
            frame.PlanePositionVolumeSequence[0].ImagePositionVolume = [0.0, 0.0, z]
            frame.ImageDataTypeSequence = [item(DataType=kind, AliasedDataType="NO")]
            content = frame.FrameContentSequence[0]
            content.DimensionIndexValues, content.InStackPositionNumber = [t, n], n
            frames.append(frame)
    ds.PerFrameFunctionalGroupsSequence = frames
    del ds.SharedFunctionalGroupsSequence[0].ImageDataTypeSequence
    place = ds.DimensionIndexSequence[0]
    kind_of = item(
        DimensionOrganizationUID=place.DimensionOrganizationUID,
        DimensionIndexPointer=0x00189808,
        FunctionalGroupPointer=0x00189807,
        DimensionDescriptionLabel="Data Type",
    )
    ds.DimensionIndexSequence = [kind_of, place]
    ds.DataFrameAssignmentSequence = [
        item(
            DataType=kind,
            DataPathAssignment=path,
            BitsMappedToColorLookupTable=bits,
            WindowCenter="128",
            WindowWidth="256",
        )
        for kind, (path, bits) in zip(types, paths, strict=True)
    ]
    ds.BlendingLUT1Sequence, ds.BlendingLUT2Sequence = [first], [second]
    ds.EnhancedPaletteColorLookupTableSequence = tables
    ds.ICCProfile = SRGB
    stored = np.array([plane for grid in grids[: len(types)] for plane in (grid[None], grid[None, ::-1])])
    del ds.PixelData
    return pixels(ds, stored, bits=8)


def angiogram(frames: np.ndarray, *masks: Dataset, mode: str | None = "SUB", **more: Any) -> Dataset:
    """Return an X-Ray Angiographic Image of some frames, of 10 bits, with a Mask Module of these items."""
    own: dict[str, Any] = {
        "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
        "PatientOrientation": ["L", "F"],
        "Laterality": "",
        "PixelIntensityRelationship": "LOG",
        "KVP": "70",
        "RadiationSetting": "GR",
        "ExposureTime": "7",
        "XRayTubeCurrent": "800",
        "PositionerMotion": "STATIC",
        "PositionerPrimaryAngle": "-30",
        "PositionerSecondaryAngle": "15.04",
        "FrameIncrementPointer": 0x00181063,
        "FrameTime": "250",
    }
    ds = base("12.1", "XA", **(own | more))
    ds.ModalityLUTSequence = [item(ModalityLUTType="US")]  # back to intensities: no stage of the display (GP3)
    ds.ModalityLUTSequence[0].add_new("LUTDescriptor", "US", [1024, 0, 16])
    ds.ModalityLUTSequence[0].add_new("LUTData", "US", list(range(63, 65536, 64)))
    if masks:
        ds.MaskSubtractionSequence = list(masks)
        ds.RecommendedViewingMode = mode
    return pixels(ds, frames)


MADE: dict[str, Callable[[], Dataset]] = {
    "1.3": intra_oral,
    "6.2": volume,
    "13.1.3": tomosynthesis,
    "14.1": ivoct,
    "7.4": true_color,
    "77.1.1": endoscopic,
    "77.1.4": photographic,
}
"""Suffix of the SOP class -> how to make one."""
