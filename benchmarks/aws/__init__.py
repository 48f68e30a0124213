"""AWS in this process: DynamoDB and KMS behind botocore's HTTP session, counted.

Everything of botocore but the socket runs as it is: endpoints, signing, serialising, parsing, retries.
"""
