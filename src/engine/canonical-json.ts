/**
 * Hands `value` to `emit` in canonical JSON (RFC 8785: names sorted, no white space, numbers as ECMAScript
 * writes them), piece by piece: a result of a million needs is never one more string.
 */
export function canonicalJson(value: unknown, emit: (text: string) => void): void {
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      emit(i === 0 ? '[' : ',')
      canonicalJson(item, emit)
    })
    emit(value.length === 0 ? '[]' : ']')
  } else if (typeof value === 'object' && value !== null) {
    const members = value as Record<string, unknown>
    const names = Object.keys(members).sort()
    names.forEach((name, i) => {
      emit(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`)
      canonicalJson(members[name], emit)
    })
    emit(names.length === 0 ? '{}' : '}')
  } else emit(JSON.stringify(value))
}
