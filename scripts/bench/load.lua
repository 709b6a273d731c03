-- Requests of the benchmark: 64 subjects in turn ask for the orders, so that no answer repeats the one before.
local bodies = {}
for i = 0, 63 do
  bodies[i] = '{"subject":{"type":"user","id":"reader-' .. i ..
    '"},"action":{"name":"read"},"resource":{"type":"data_product","id":"urn:mesh:sales:orders"},' ..
    '"context":{"purpose":"analytics","region":"eu","contract":"c-' .. i .. '"}}'
end
local turn = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  turn = (turn + 1) % 64
  return wrk.format(nil, "/access/v1/evaluation", nil, bodies[turn])
end
