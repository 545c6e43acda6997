-- A collector of prometheus-node-exporter-lua: what `ltewan metrics` prints. An error here shows as
-- node_scrape_collector_success 0.

local function scrape()
  local program = assert(io.popen("/usr/sbin/ltewan metrics 2>/dev/null"))
  local text = program:read("*a")
  program:close()
  assert(text and text ~= "", "ltewan does not answer\n")
  if out then
    out:write(text)
  else
    -- Exporters up to OpenWrt 23.05 have a function that prints a line instead.
    output((text:gsub("\n$", "")))
  end
end

return { scrape = scrape }
