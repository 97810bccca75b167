// Sends messages as they are over one connection. Reads a JSON job from standard input:
// {port, mode: none|starttls|implicit, ca, login, password, from, messages: [{to: [...], content: base64}]}
'use strict';
const fs = require('fs');
const {createRequire} = require('module');

// The packages are installed in the build folder, beside a copy of package.json.
const nodemailer = createRequire(process.cwd() + '/')('nodemailer');

async function main() {
  const job = JSON.parse(fs.readFileSync(0));
  const transport = nodemailer.createTransport({
    host: 'localhost', port: job.port, secure: job.mode === 'implicit',
    ignoreTLS: job.mode === 'none', requireTLS: job.mode === 'starttls',
    tls: {ca: fs.readFileSync(job.ca)}, auth: {user: job.login, pass: job.password},
    pool: true, maxConnections: 1, maxMessages: Infinity,
  });
  for (const {to, content} of job.messages) {
    await transport.sendMail({envelope: {from: job.from, to}, raw: Buffer.from(content, 'base64')});
  }
  transport.close();
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
