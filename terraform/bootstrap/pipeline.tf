# Two roles. Pull requests and the branch that is deployed only plan; what runs in the protected environment applies.
# https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

resource "aws_iam_openid_connect_provider" "github" {
  count = var.make_oidc_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "pipeline" {
  # checkov:skip=CKV_AWS_393: Each subject is written out in subjects.tf, whole and without a wildcard; checkov does not follow for_each there.
  for_each = local.subjects

  name                 = "${var.name}-pipeline-${each.key}${local.suffix}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider }
      Condition = { StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com", "${local.issuer}:sub" = each.value } }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

# What the stack needs, generated from the provider's calls (../deployer). The applying role plans too.
locals {
  shipped = { for file in fileset(path.module, "policies/*.json") : trimsuffix(basename(file), ".json") => templatefile("${path.module}/${file}", {
    partition = local.partition
    account   = local.account
    name      = var.name
  }) }

  shipped_by_role = {
    plan  = [for name in keys(local.shipped) : name if startswith(name, "plan-")]
    apply = var.deployer_policies ? keys(local.shipped) : []
  }
}

resource "aws_iam_policy" "pipeline" {
  # checkov:skip=CKV_AWS_286: It makes the stack's roles and their policies; docs/operations.md says how to bound that.
  # checkov:skip=CKV_AWS_287: Nothing here hands out credentials; checkov takes reading a key's settings for it.
  # checkov:skip=CKV_AWS_288: If an action has no narrower resource, terraform/deployer/scopes.py says why.
  # checkov:skip=CKV_AWS_289: It writes the policies of the stack's own roles and keys; limits.tf denies it all others.
  # checkov:skip=CKV_AWS_290: Some write actions name no resource, or one whose id AWS draws; scopes.py lists each.
  # checkov:skip=CKV_AWS_355: A "*" stands only if the service authorization reference names nothing narrower.
  for_each = local.shipped

  name   = "${var.name}-pipeline-${each.key}${local.suffix}"
  policy = jsonencode(jsondecode(each.value)) # without blanks
}

resource "aws_iam_role_policy_attachment" "shipped" {
  for_each = merge([for role, names in local.shipped_by_role : { for name in names : "${role}/${name}" => { role = role, name = name } }]...)

  role       = aws_iam_role.pipeline[each.value.role].name
  policy_arn = aws_iam_policy.pipeline[each.value.name].arn
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = var.apply_policy_arns

  role       = aws_iam_role.pipeline["apply"].name
  policy_arn = each.value
}

output "role_arns" {
  description = "ARNs of the pipeline's roles, for the variables of the GitHub repository: plan, apply."
  value       = { for name, role in aws_iam_role.pipeline : name => role.arn }
}
