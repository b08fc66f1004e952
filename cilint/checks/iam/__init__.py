"""Checks of IAM policies."""
