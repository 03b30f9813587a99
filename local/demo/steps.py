"""The texts that describe the steps of the demo."""

STEPS = {
    1: "Drop {bundle} into S3. Wardrop deploys it to shop-staging, one instance at a time.",
    2: "Approve the version for shop-prod. Wardrop promotes versions that are good in shop-staging.",
    3: "Drop a version that cannot answer requests. Wardrop rolls back to the good version.",
    4: "Drop a version whose settings replace every instance. The guard asks first, and a person declines it.",
    5: "Delete old versions. Wardrop keeps versions that an environment runs or a rule protects.",
}
