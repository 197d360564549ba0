"""Durable jobs: the queue's face, the worker, the child's supervisor, delivery."""
