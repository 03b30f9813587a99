"""The steps of the demo, as its reader sees them."""

STEPS = {
    1: "Drop {bundle} into S3. Wardrop deploys it to shop-staging, one instance at a time.",
    2: "Approve it for shop-prod. Wardrop promotes a version that is good in shop-staging.",
    3: "Drop a version that cannot answer requests. Wardrop puts the good version back.",
    4: "Delete old versions. Wardrop keeps what an environment runs or a rule protects.",
}
