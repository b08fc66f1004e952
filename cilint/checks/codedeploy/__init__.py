"""Checks of CodeDeploy in templates: configurations, deployment groups, what aliases and services say."""
