-- wrk's report as one line of JSON. The environment variable PAUSE_MS is the pause of a connection after each answer.
local pause = tonumber(os.getenv("PAUSE_MS") or "0")

if pause > 0 then
   function delay()
      return pause
   end
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "seconds": %.3f, "refused": %d, "unread": %d, "unwritten": %d, "status": %d, "timeout": %d, '
         .. '"p50": %.2f, "p99": %.2f, "longest": %.2f}\n',
      summary.requests, summary.duration / 1e6, errors.connect, errors.read, errors.write, errors.status,
      errors.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
