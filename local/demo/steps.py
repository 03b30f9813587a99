"""The texts that describe the steps of the demo."""

STEPS = {
    1: "Drop {bundle} into S3. Wardrop deploys it to shop-staging, one instance at a time.",
    2: "Approve the version for shop-prod. Wardrop promotes versions that are good in shop-staging.",
    3: "Drop a version that cannot answer requests. Wardrop rolls back to the good version.",
    4: "Delete old versions. Wardrop keeps versions that an environment runs or a rule protects.",
}
