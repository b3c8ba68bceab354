"""The bucket: where photos and archives are kept."""
