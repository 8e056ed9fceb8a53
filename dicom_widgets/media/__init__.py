"""Media: files, folders, zip files and DICOMDIRs, browsed and read like a remote AE."""

__all__ = ["container", "files", "fileset", "upload"]
