/**
 * Labs keep their state under XDG_STATE_HOME: here in a folder of this test process, not in that of whoever runs the tests.
 * Whoever begins a lab, in this process or in another, imports it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

export const stateHome = mkdtempSync(join(tmpdir(), 'wirelab-state-'));
process.env['XDG_STATE_HOME'] = stateHome;
atExit(() => rmSync(stateHome, { recursive: true, force: true }));
