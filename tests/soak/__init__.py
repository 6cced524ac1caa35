"""Long runs of the faults that must be survived, counted; `make test` plays a short form."""
