"""What Beanstalk shows of an environment, its settings and its versions."""
