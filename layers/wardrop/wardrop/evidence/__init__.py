"""What explains the failure of a version: Beanstalk's deployment log, and the lines in it that name the cause."""
