"""The invented patients: names in many character sets, and examinations over many years."""

from __future__ import annotations

from typing import Final

from dicom_widgets.practice.modules import Patient, Study

HEAD: Final = Study(
    1, Patient("PRACTICE-1", "Phantom^Henry", "19520814", "M"), "20240312", "081530", "CT head without contrast"
)
SPINE: Final = Study(
    2, Patient("PRACTICE-2", "Sample^Sagitta", "19680229", "F"), "20231107", "143000", "MR lumbar spine"
)
HAND: Final = Study(
    3, Patient("PRACTICE-3", "Example^Xavier", "19900603", "M"), "20220921", "101112", "X-ray right hand"
)
EYE: Final = Study(4, Patient("PRACTICE-4", "Iris^Opal", "20011224", "F"), "20210518", "160000", "Fundus photograph")

OTHERS: Final = (
    Study(
        11,
        Patient("PRACTICE-11", "Modèle^Jérôme", "19470102", "M", "ISO_IR 100"),
        "20040229",
        "083000",
        "Épreuve à la carte",
    ),
    Study(
        12,
        Patient("PRACTICE-12", "Παράδειγμα^Ελένη", "19550317", "F", "ISO_IR 126"),
        "20070815",
        "091500",
        "Δοκιμαστική εικόνα",
    ),
    Study(
        13,
        Patient("PRACTICE-13", "Примеров^Иван", "19611012", "M", "ISO_IR 144"),
        "20091104",
        "101000.5",
        "Пробный снимок",
    ),
    Study(
        14,
        Patient("PRACTICE-14", "Yamada^Tarou=山田^太郎=やまだ^たろう", "19710707", "M", ("", "ISO 2022 IR 87")),
        "20120401",
        "113000",
        "Test card",
    ),
    Study(
        15,
        Patient("PRACTICE-15", "Kim^Bada=金^海=김^바다", "19830503", "F", ("", "ISO 2022 IR 149")),
        "20141231",
        "235959",
        "Test card",
    ),
    Study(16, Patient("PRACTICE-16", "דוגמה^רות", "19660920", "F", "ISO_IR 138"), "20170101", "000000", "תמונת בדיקה"),
    Study(
        17,
        Patient("PRACTICE-17", "Przykładowa^Łucja=例^露西", "19991130", "F", "ISO_IR 192"),
        "20190630",
        "070707",
        "Próba",
    ),
    Study(18, Patient("PRACTICE-18", "Muster^Otto", "19500101", "O"), "20190701", "120000", "Test card"),
)
"""One small image each."""
