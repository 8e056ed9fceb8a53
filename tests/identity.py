"""A patient who must not be recognised: the values of the sample, and the words that may appear in no saved output."""

from __future__ import annotations

SECRETS = {
    "PatientName": "Secretname^Jane",
    "PatientID": "ID-77-SECRET",
    "PatientBirthDate": "19610917",
    "IssuerOfPatientID": "ISSUER-SECRET",
    "StudyDate": "20240229",
    "StudyTime": "131415",
    "AccessionNumber": "ACC-SECRET",
    "ReferringPhysicianName": "Refsecret^Doc",
    "InstitutionName": "CLINIC-SECRET",
}
WORDS = ["Secretname", "ID-77", "19610917", "1961-09-17", "ISSUER-SECRET", "20240229", "2024-02-29", "131415"]
WORDS += ["ACC-SECRET", "Refsecret", "CLINIC-SECRET", "Reader"]
