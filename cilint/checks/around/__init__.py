"""Checks of what stands around a pipeline: events, notifications, buckets, repositories."""
