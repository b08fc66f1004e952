"""Checks of pipelines: structure, artifacts, actions and their configuration, sources, approvals, variables."""
