"""A real browser that trusts the server's local authority and nothing else of ours."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from .network import wait_until


class Browser:
    """Headless chromium with a profile and a certificate store of its own: a TLS fault is an error page, not a warning to skip."""

    def __init__(self, ca):
        self._home = Path(tempfile.mkdtemp(prefix="postern-browser-"))
        store = self._home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        for arguments in (["-N", "--empty-password"], ["-A", "-n", "postern", "-t", "C,,", "-i", str(ca)]):
            subprocess.run(["certutil", "-d", f"sql:{store}", *arguments], check=True, capture_output=True)
        options = webdriver.ChromeOptions()
        options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--window-size=1000,900",
            f"--user-data-dir={self._home / 'profile'}",
        ):
            options.add_argument(argument)
        service = Service(
            os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver"),
            env={**os.environ, "HOME": str(self._home), "XDG_CONFIG_HOME": str(self._home / "config")},
        )
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(60)

    def close(self):
        try:
            self.driver.quit()
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    @property
    def url(self):
        return self.driver.current_url

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def open(self, url):
        self.driver.get(url)
        return self

    def new_tab(self, url):
        """Opens `url` in a new tab and returns the tab's handle."""
        self.driver.switch_to.new_window("tab")
        self.driver.get(url)
        return self.driver.current_window_handle

    def switch(self, tab):
        self.driver.switch_to.window(tab)
        return self

    def has(self, selector):
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def wait_for(self, selector, seconds=20):
        def present():
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            return found[0] if found else None

        try:
            return wait_until(present, selector, seconds)
        except AssertionError:
            raise AssertionError(f"no {selector} on {self.url}\n{self.text[:2000]}") from None

    def fill_sign_in(self, person):
        """Fills the form of the embedded provider and submits it; returns when another page is there."""
        field = self.wait_for("input[name=email]")
        field.clear()
        field.send_keys(person.email)
        password = self.wait_for("input[name=password]")
        password.send_keys(person.password)
        self.press(self.wait_for("button[type=submit]"))

    def press(self, element):
        """Clicks an element that leads to another page, and waits for that page."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()

        def gone():
            try:
                page.is_enabled()
                return False
            except (StaleElementReferenceException, NoSuchElementException):
                return True
            except WebDriverException as error:
                if "does not belong to the document" in str(error) or "no such" in str(error).lower():
                    return True
                raise

        wait_until(gone, "another page after the click")
        wait_until(lambda: self.driver.execute_script("return document.readyState") == "complete", "the page is complete")

    def press_text(self, label):
        """Presses the button or link with this label."""
        xpath = f"//button[normalize-space()='{label}']|//a[normalize-space()='{label}']"
        found = self.driver.find_elements(By.XPATH, xpath)
        assert found, f"nothing labelled {label!r} on {self.url}\n{self.text[:2000]}"
        self.press(found[0])

    def labelled(self, label):
        return bool(self.driver.find_elements(By.XPATH, f"//button[normalize-space()='{label}']|//a[normalize-space()='{label}']"))

    def echo(self):
        """What the application says it received."""
        return json.loads(self.wait_for("pre#echo").text)

    def delete_cookies(self):
        """Deletes the cookies of every host."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def cookies(self):
        return self.driver.execute_cdp_cmd("Storage.getCookies", {})["cookies"]
