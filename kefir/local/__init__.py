"""Runs Kefir on one machine: PostgreSQL, Valkey and S3 of its own, then the Procfile. Imports no Django."""
