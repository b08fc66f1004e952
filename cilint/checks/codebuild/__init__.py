"""Checks of CodeBuild projects."""
