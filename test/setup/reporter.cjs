/** Mocha's list of what passed and failed, with one last line that any reader of logs can count by. */
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.unseen = 0;
    runner.on('pending', (test) => {
      if (test.fullTitle().includes('in Chromium')) this.unseen += 1;
    });
  }

  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const hasMariadb = process.env.AUDIT_TEST_HAS_MARIADB === 'yes';
    if (!hasMariadb) {
      console.log('MariaDB and MySQL were not tested: no server answered at AUDIT_TEST_MARIADB_URL or 127.0.0.1:3306.');
    }
    if (this.unseen > 0) {
      console.log(
        `${this.unseen} tests of the viewer in a browser were skipped: no Chromium at AUDIT_TEST_CHROMIUM or /usr/bin/chromium.`,
      );
    }
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
