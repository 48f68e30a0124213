"""The stack on an emulator that runs already: MiniStack, LocalStack, or another one (`ENDPOINT_URL`)."""
