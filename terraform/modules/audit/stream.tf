# From the stream to the function. The stream keeps records for 24 hours; a batch that fails is tried again
# for six, in halves, so that one record cannot hold up the others, and is then put into the archive as it
# is, by Lambda itself: under aws/lambda/, with its records.
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

resource "aws_lambda_event_source_mapping" "archive" {
  event_source_arn                   = var.stream_arn
  function_name                      = var.archiver_alias_arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 1000
  maximum_batching_window_in_seconds = 60
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = -1
  maximum_record_age_in_seconds      = 21600

  destination_config {
    on_failure {
      destination_arn = local.arn
    }
  }

  depends_on = [aws_iam_role_policy.archive, aws_s3_bucket_policy.archive]
}
