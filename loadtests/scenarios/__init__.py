"""The things users do, one class a file: each is made with a `Shop`, and `run()` does it once."""
