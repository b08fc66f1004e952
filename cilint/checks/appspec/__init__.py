"""Checks of appspecs for EC2/on-premises, ECS and Lambda."""
