/** Which addresses of the internet protocol belong to the public internet. */
import ipaddr from 'ipaddr.js'

/** All of IPv6 that is handed out for the public internet; what lies outside is kept for other purposes. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number]

/**
 * Whether an address (text as `new URL` or a resolver gives it, no brackets) is one of the public internet. False
 * for everything with a special meaning (RFC 6890): loopback, private, link-local with the metadata services of
 * clouds, unique-local, carrier-grade NAT, multicast, documentation, and IPv6 that wraps an IPv4 address in a
 * translation prefix. An IPv4-mapped IPv6 address counts as the IPv4 address it is.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(GLOBAL_UNICAST)
}
