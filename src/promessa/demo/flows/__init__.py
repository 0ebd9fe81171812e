"""Flows that retailers buy an OMS for, each as a story that runs against a server as any client does.

A story is told step by step: what was done, and the figures seen. It has a small chain of its own, so it may run anywhere,
again and again.
"""
