# The job that ends rotations, by itself. Offline: no account, no emulator. The first run is the example of its README.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:us-east-1:123456789012:stateMachine:tokenvault-rotation" }
  }
}

variables {
  name        = "tokenvault"
  partition   = "aws"
  account     = "123456789012"
  role_region = "us-east-1"
  function_arns = {
    maintain = "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-maintain-us-east-1:live"
    reveal   = "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-reveal-us-east-1:live"
  }
  tenants          = ["shop", "clinic"]
  items_per_second = 1600
  every_days       = 365
  settling_seconds = 3900
  alarms_topic_arn = "arn:aws:sns:us-east-1:123456789012:tokenvault-alarms"
}

run "readme_example" {
  command = apply
  module {
    source = "./modules/rotation"
  }

  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : statement.Resource if contains(statement.Action, "lambda:InvokeFunction")]) == [var.function_arns.maintain, var.function_arns.reveal]
    error_message = "the job has two functions answer, and no others"
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : statement.Action])) == toset(["lambda:InvokeFunction", "states:StartExecution", "states:DescribeExecution", "states:StopExecution"])
    error_message = "the job touches no table, no key and no log"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : alltrue([for arn in statement.Resource : arn != "*"])])
    error_message = "each permission names what it is for"
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.Walk.ItemProcessor.States.Step.Parameters.Payload.walk.limit == 100
    error_message = "sixteen walks of a step a second share what may be looked at in one"
  }

  assert {
    condition     = { for tenant, schedule in aws_scheduler_schedule.rotation : tenant => jsondecode(schedule.target[0].input) } == { shop = { tenant = "shop", rotate = true }, clinic = { tenant = "clinic", rotate = true } }
    error_message = "each tenant's key rotates on schedule"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.scheduler[0].policy).Statement == [{ Effect = "Allow", Action = ["states:StartExecution"], Resource = [aws_sfn_state_machine.this.arn] }]
    error_message = "the schedule starts the job and does nothing else"
  }
}

run "without_a_schedule" {
  command = apply
  module {
    source = "./modules/rotation"
  }

  variables {
    every_days = null
  }

  assert {
    condition     = length(aws_scheduler_schedule.rotation) == 0 && length(aws_iam_role.scheduler) == 0
    error_message = "nothing starts the job but people"
  }
}
