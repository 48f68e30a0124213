"""Who a caller is and what the policy lets it do. Pure; everything not granted is denied."""
