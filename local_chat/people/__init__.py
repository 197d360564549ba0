"""What people do: `visitors` is their side of the server, `person` is one of them for tests."""
