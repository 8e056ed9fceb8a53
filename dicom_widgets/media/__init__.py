"""Media: files, folders, zip files and DICOMDIRs, which are queried and retrieved from like a remote AE."""

__all__ = ["container", "files", "fileset", "upload"]
