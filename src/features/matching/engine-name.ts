/** What solves runs here: by the package's version, which builds the problems, and the engine's own. */
import { ENGINE_VERSION } from '../../engine/version.ts'
import { VERSION } from '../../platform/version.ts'

export const ENGINE = `${VERSION}+engine.${ENGINE_VERSION}`
