"""The token vault: what is stored, and where. Only `dynamodb.py` talks to DynamoDB."""
