/** The version of Lifecircle that is running, as its package says. */
import { readFileSync } from 'node:fs'

// As far from here in the build as in the source.
const PACKAGE = new URL('../../package.json', import.meta.url)

export const VERSION: string = JSON.parse(readFileSync(PACKAGE, 'utf8')).version
