import type { ReadyAnswer } from '../../http/precomputed-answers.ts';

/** Made beforehand, so for every reader: nothing is done for whom nobody has time. */
const BUSY: ReadyAnswer = {
  type: 'text/html; charset=utf-8',
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>callercard</title>
<h1>The server is busy</h1>
<p>Wait a few seconds, then load this page again.</p>
<div lang="es">
<h1>El servidor está ocupado</h1>
<p>Espere unos segundos y cargue esta página de nuevo.</p>
</div>
</html>
`,
};

/** What this door says to whom nobody has time for; undefined for what is not asked of it. */
export function busyCardOf(target: string): ReadyAnswer | undefined {
  return /^\/card(?:[/?]|$)/.test(target) ? BUSY : undefined;
}
