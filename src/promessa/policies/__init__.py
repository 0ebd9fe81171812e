"""Policies that promessa brings along, and the JSON Schema of policy documents: files, to be read and copied."""
