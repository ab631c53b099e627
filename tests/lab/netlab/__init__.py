"""The lab: networks made of namespaces, built from a short description and always removed again."""
