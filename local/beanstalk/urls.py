"""Where moto finds the service: it looks for this module beside `models`."""

from .responses import BeanstalkResponse

url_bases = [r"https?://elasticbeanstalk\.(?P<region>[a-zA-Z0-9\-_]+)\.amazonaws.com"]
url_paths = {"{0}/$": BeanstalkResponse.dispatch}
