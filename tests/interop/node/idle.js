// imapflow, waiting in IDLE. Arguments: a JSON job {port, mode, ca, login, password} and a folder. Prints what happens as
// JSON lines: {idle}, {exists}, {expunge}, at the end {new} with the last message; {line} is what the server said. Ends
// when standard input does.
'use strict';
const fs = require('fs');
const {createRequire} = require('module');
const {ImapFlow} = createRequire(process.cwd() + '/')('imapflow');

const say = (event) => fs.writeSync(1, JSON.stringify(event) + '\n');

async function main(job, folder) {
  let waits = false;
  const log = (entry) => {
    if (waits && entry.src === 's') say({line: entry.msg});
    if (entry.src === 's' && /^\+/.test(entry.msg || '')) say({idle: waits = true});
  };
  const logger = {trace: log, debug: log, info: log, warn: log, error: log};
  const client = new ImapFlow({
    host: 'localhost', port: job.port, secure: job.mode === 'implicit', tls: {ca: fs.readFileSync(job.ca)},
    auth: {user: job.login, pass: job.password}, logger, disableAutoIdle: true,
  });
  await client.connect();
  await client.mailboxOpen(folder, {readOnly: true});
  client.on('exists', ({count}) => say({exists: count}));
  client.on('expunge', ({seq}) => say({expunge: seq}));
  const idling = client.idle();
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
  waits = false;
  const message = await client.fetchOne('*', {source: true});
  await idling;
  say({new: message.source.toString('latin1')});
  await client.logout();
}

main(JSON.parse(process.argv[2]), process.argv[3]).catch((error) => {
  console.error(error);
  process.exit(1);
});
