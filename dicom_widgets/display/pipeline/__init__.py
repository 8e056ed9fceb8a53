"""From stored values to display values: modality, VOI, presentation LUT, colour, GSDF (PS3.4 N.2)."""
