/**
 * Whether a path fits one of the patterns: `*` any characters within a folder, `**` any folders, `?` one character;
 * brackets stand for themselves, since file names have them. Names are compared in one Unicode form, because some
 * systems take `é` apart.
 */
export function fileMatcher(patterns: readonly string[]): (path: string) => boolean {
  const compiled = patterns.map((pattern) => new RegExp(`^${patternSource(pattern.normalize('NFC'))}$`, 'u'))
  return (path) => compiled.some((one) => one.test(path.normalize('NFC')))
}

function patternSource(pattern: string): string {
  return pattern
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?'
      if (part === '**') return '.*'
      if (part === '*') return '[^/]*'
      return part === '?' ? '[^/]' : part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    })
    .join('')
}
