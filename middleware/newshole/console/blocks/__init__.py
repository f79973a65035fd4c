"""Forms for people who do not write YAML: what a block says, as fields, and fields, as edits of its YAML."""
