# API Gateway decides whether a request is traced; the functions follow it.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html

resource "aws_xray_sampling_rule" "api" {
  rule_name      = var.name
  priority       = 1000
  version        = 1
  service_type   = "AWS::ApiGateway::Stage"
  service_name   = "${var.name}/${var.stage}"
  resource_arn   = "*" # the stage is named above
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  reservoir_size = 1
  fixed_rate     = var.traced_share
}
