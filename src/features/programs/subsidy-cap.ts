/** A ledger account has one owner, a resident's cap belongs to a program and a resident: one id out of two. */
import { createHash } from 'node:crypto'

/** Owner of the `subsidy_cap` account of a resident in a program: a UUIDv8 out of SHA-256, always the same. */
export function subsidyCapOwner(programId: string, residentId: string): string {
  const bytes = createHash('sha256').update(`subsidy_cap ${programId} ${residentId}`).digest()
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
